package gateway

import (
	"brevdue"
	"brevdue/sor"
)

// entry returns what the directory knows of a location number; the zero entry
// when it knows nothing.
func (g *Gateway) entry(gln brevdue.GLN) sor.Entry {
	if g.Directory == nil {
		return sor.Entry{}
	}
	e, _ := g.Directory().Get(gln)
	return e
}

// takes returns the kinds the receiver can take, as far as the directory knows.
func (g *Gateway) takes(gln brevdue.GLN) []brevdue.Kind { return g.entry(gln).Takes }
