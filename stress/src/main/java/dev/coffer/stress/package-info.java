/// jcstress for each lock-free class: every interleaving that the machine will show, with the outcomes that may be.
package dev.coffer.stress;
