"""An HTTP proxy that does nothing but CONNECT, and remembers for which hosts it was asked."""

import socket
import socketserver
import threading


class ForwardProxy:
    """On http://127.0.0.1:PORT, between entering and leaving it."""

    def __init__(self):
        self.asked = []
        self._server = Server(("127.0.0.1", 0), Tunnel)
        self._server.asked = self.asked

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_exception):
        self._server.shutdown()
        self._server.server_close()


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


class Tunnel(socketserver.StreamRequestHandler):
    def handle(self):
        method, target, _ = self.rfile.readline().decode().split()
        while self.rfile.readline().strip():
            pass
        self.server.asked.append(target)
        host, _, port = target.rpartition(":")
        assert method == "CONNECT", method
        with socket.create_connection((host, int(port))) as origin:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=pump, args=(origin, self.connection), daemon=True)
            back.start()
            pump(self.connection, origin)
            back.join()


def pump(source, sink):
    """Until either side has had enough."""
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass
