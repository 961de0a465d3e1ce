package transport

import (
	"net"
	"sync"
)

// connections is how many may be open at once; who comes then waits to be let in.
const connections = 512

// bounded is a listener that lets only so many in at once: a caller that opens one
// connection after another costs no more than that.
type bounded struct {
	net.Listener
	open   chan struct{} // one for each connection
	closed chan struct{}
	once   sync.Once
}

func bound(l net.Listener, most int) net.Listener {
	return &bounded{Listener: l, open: make(chan struct{}, most), closed: make(chan struct{})}
}

// Accept waits until one of those who are in has gone.
func (b *bounded) Accept() (net.Conn, error) {
	select {
	case b.open <- struct{}{}:
	case <-b.closed:
		return nil, net.ErrClosed
	}
	c, err := b.Listener.Accept()
	if err != nil {
		<-b.open
		return nil, err
	}
	return &guest{Conn: c, gone: sync.OnceFunc(func() { <-b.open })}, nil
}

// Close lets nobody in any more.
func (b *bounded) Close() error {
	b.once.Do(func() { close(b.closed) })
	return b.Listener.Close()
}

// guest is a connection that makes room when it ends.
type guest struct {
	net.Conn
	gone func()
}

func (g *guest) Close() error {
	defer g.gone()
	return g.Conn.Close()
}
