package app_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"brevdue/internal/app"
	"brevdue/internal/config"
	"brevdue/kalender"
)

// An installation is made, opened, served and closed.
func Example() {
	dir, err := os.MkdirTemp("", "brevdue-example-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	setup := app.Setup{Dir: filepath.Join(dir, "data"), Units: []config.Unit{wardUnit()}, ValidFrom: kalender.DayOf(tuesday), Now: tuesday, Operator: "drift"}
	if _, err := app.Init(ctx, setup); err != nil {
		fmt.Println(err)
		return
	}
	c, err := config.Load(filepath.Join(setup.Dir, "config.yaml"))
	if err != nil {
		fmt.Println(err)
		return
	}
	a, err := app.Open(ctx, app.Options{Config: c, Now: func() time.Time { return tuesday }})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer a.Close()
	l, err := app.Listen("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(ctx)
	stop() // a real program stops when it is told to
	fmt.Println(a.Serve(ctx, l))
	// Output: <nil>
}
