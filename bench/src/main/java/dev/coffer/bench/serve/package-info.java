/// The server beside other servers: processes, loads and processor time a request.
package dev.coffer.bench.serve;
