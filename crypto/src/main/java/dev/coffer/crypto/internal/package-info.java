/// What every primitive checks about the ranges it is given. Holds nothing.
package dev.coffer.crypto.internal;
