/// A server's certificate and key: read from files into locked memory, or made for development. Holds one region a certificate in use.
package dev.coffer.cli.certificate;
