package mail

import (
	"net"
	"sync"
	"sync/atomic"
)

// wire watches the connection of one delivery. It knows whether everything that was written
// really left: when the last write failed, the server cannot have seen the end of the message.
type wire struct {
	mu     sync.Mutex
	conn   net.Conn
	broken atomic.Bool // a write failed, wholly or in part
}

func (w *wire) watch(conn net.Conn) net.Conn {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conn = conn
	w.broken.Store(false)
	return &watchedConn{Conn: conn, wire: w}
}

// close cuts the connection, if there is one.
func (w *wire) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn != nil {
		_ = w.conn.Close() // it is of no use any more
	}
}

type watchedConn struct {
	net.Conn
	wire *wire
}

// Write passes on and remembers a failure.
func (c *watchedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if err != nil {
		c.wire.broken.Store(true)
	}
	return n, err
}
