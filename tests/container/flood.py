"""Python for the inside of a container: many clients without manners at the page, until a file goes away."""

FLOOD = """
import http.client, json, os, random, sys, threading
counts, guard = [0, 0], threading.Lock()

def ask(path):
    connection = http.client.HTTPConnection("127.0.0.1", 80, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    finally:
        connection.close()

def client():
    paths = ["/", "/api/status", "/api/clips", "/api/timeline", "/js/main.js", "/api/no-such"]
    while os.path.exists(sys.argv[1]):
        try:
            ask(random.choice(paths))
            at = 0
        except (OSError, http.client.HTTPException):
            at = 1
        with guard:
            counts[at] += 1

clients = [threading.Thread(target=client) for _ in range(12)]
for thread in clients:
    thread.start()
for thread in clients:
    thread.join()
print(*counts)
"""
