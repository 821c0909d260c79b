/// What the target configuration holds: one connection of HTTPS/1.1, two of HTTP/3 with four streams each, two of HTTP/3 in handshake.
package dev.coffer.cli.budget;
