// Command brevdue is the whole program: library, gateway, inbox and terminal.
package main

import (
	"os"
	"time"

	"brevdue/internal/cli"
)

func main() {
	os.Exit(cli.Run(os.Args[1:], &cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Now: time.Now}))
}
