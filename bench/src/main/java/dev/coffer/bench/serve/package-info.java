/// The server beside other servers: processes, loads and processor time a request; and what its idle connections cost.
package dev.coffer.bench.serve;
