package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"brevdue"
	"brevdue/internal/config"
	"brevdue/internal/transport"
)

// network is how letters come and go.
type network interface {
	// Run takes what comes until the context ends.
	Run(ctx context.Context, receive transport.Receive) error
	// Deliver hands a file over, and returns nil only when the network has it for good.
	Deliver(ctx context.Context, name string, data []byte) error
}

// newNetwork builds the configured network; tell is told when it cannot be read.
func newNetwork(c *config.Config, log *slog.Logger, tell func(error)) network {
	n := c.Network
	file := func(p string) string {
		if p == "" {
			return ""
		}
		return c.Path(p)
	}
	settle := time.Duration(n.Settle * float64(time.Second))
	switch n.Kind {
	case config.KindSFTP:
		return &transport.SFTP{Address: n.SFTP.Address, User: n.SFTP.User, HostKey: n.SFTP.HostKey, KeyFile: file(n.SFTP.KeyFile), PasswordFile: file(n.SFTP.PasswordFile),
			In: n.In, Out: n.Out, Settle: settle, Log: log, Tell: tell}
	case config.KindHTTPS:
		h := n.HTTPS
		return &transport.HTTPS{Listen: h.Listen, Certificate: file(h.Certificate), Key: file(h.Key), ClientCA: file(h.ClientCA), ClientNames: h.ClientNames, TokenFile: file(h.TokenFile),
			To: h.To, ToTokenFile: file(h.ToTokenFile), ToCertificate: file(h.ToCertificate), ToKey: file(h.ToKey), ToCA: file(h.ToCA), Log: log, Tell: tell}
	}
	return &transport.Folder{In: c.Path(n.In), Out: c.Path(n.Out), Settle: settle, Log: log, Tell: tell}
}

// receiver hands what comes to the gateway. Only a network that pushes names its
// deliveries for good; names of files come again with other content.
func (a *App) receiver() transport.Receive {
	name := a.config.Network.Name
	if a.config.Network.Kind != config.KindHTTPS {
		return func(ctx context.Context, _ string, data []byte) error { return a.Gateway.Receive(ctx, name, data) }
	}
	return func(ctx context.Context, delivery string, data []byte) error {
		known, err := a.Gateway.ReceiveNamed(ctx, name, delivery, data)
		switch {
		case errors.Is(err, brevdue.ErrConflict):
			return transport.ErrOther
		case err == nil && known:
			return transport.ErrKnown
		}
		return err
	}
}

// runNetwork takes what comes until the context ends. Folders and servers are read by
// one node at a time; every node can be pushed to.
func (a *App) runNetwork(ctx context.Context) error {
	if a.config.Network.Kind == config.KindHTTPS {
		return a.net.Run(ctx, a.receiver())
	}
	return a.Store.Lead(ctx, "network "+a.config.Network.Name, func(ctx context.Context) error { return a.net.Run(ctx, a.receiver()) })
}

// certified is the name of the network when it asks whoever delivers letters for a
// certificate; "" when it does not.
func certified(n config.Network) string {
	if n.Kind == config.KindHTTPS && n.HTTPS.Listen != "" && n.HTTPS.ClientCA != "" {
		return n.Name
	}
	return ""
}
