/// What a datagram costs the processor to send and to receive, by each form of socket that the house has and by the JDK's channel.
package dev.coffer.bench.datagrams;
