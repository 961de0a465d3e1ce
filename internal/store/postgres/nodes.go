package postgres

import (
	"context"
	"errors"
	"hash/fnv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// channel carries the topics from node to node.
const channel = "brevdue"

// hear listens for topics on the connection it is given, and on new ones when that
// is cut. What was missed meanwhile is not known; nobody depends on being woken.
func hear(ctx context.Context, c *pgx.ConnConfig, conn *pgx.Conn, node string, wake func(topic string)) {
	for {
		for conn != nil {
			n, err := conn.WaitForNotification(ctx)
			if err != nil {
				_ = conn.Close(context.WithoutCancel(ctx)) // it is of no use any more
				break
			}
			if from, topic, ok := strings.Cut(n.Payload, " "); ok && from != node { // the store has woken its own
				wake(topic)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
		var err error
		if conn, err = listen(ctx, c); err == nil {
			wake("")
		}
	}
}

// listen makes a connection that hears the topics.
func listen(ctx context.Context, c *pgx.ConnConfig) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, c)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return nil, errors.Join(err, conn.Close(ctx))
	}
	return conn, nil
}

// pulse is how often a leader looks whether its connection still is there.
const pulse = time.Second

// lead runs f while this node holds the lock of a name. The lock goes with its
// connection: a node that dies, or that the database does not reach, has lost it.
func lead(ctx context.Context, c *pgx.ConnConfig, name string, f func(ctx context.Context) error) error {
	h := fnv.New64a()
	h.Write([]byte(name))
	key := int64(h.Sum64())
	for {
		if over, err := leadOnce(ctx, c, key, f); over {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pulse):
		}
	}
}

// leadOnce waits for the lock and runs f; over says that f ended by itself.
func leadOnce(ctx context.Context, c *pgx.ConnConfig, key int64, f func(ctx context.Context) error) (over bool, err error) {
	conn, err := pgx.ConnectConfig(ctx, c)
	if err != nil {
		return false, nil
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", key); err != nil {
		return false, nil
	}
	leading, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- f(leading) }()
	for {
		select {
		case err := <-ended:
			return leading.Err() == nil || ctx.Err() != nil, err
		case <-time.After(pulse):
		}
		look, cancel := context.WithTimeout(ctx, 5*pulse)
		err := conn.Ping(look)
		cancel()
		if err != nil && ctx.Err() == nil {
			stop()
			<-ended
			return false, nil
		}
	}
}
