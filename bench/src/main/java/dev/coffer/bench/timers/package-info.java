/// The timer wheel beside Netty's and Agrona's: arming, moving and cancelling by JMH, firing by processor time.
package dev.coffer.bench.timers;
