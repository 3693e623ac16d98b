"""The requests: demand, routing, exact queues, latencies. Arrays, no SimPy."""
