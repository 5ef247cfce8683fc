"""How the programs talk: typed messages over a Unix socket, one code for all servers and clients."""
