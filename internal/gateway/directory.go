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
	e, _ := g.Directory.Get(gln)
	return e
}

// kindOf returns what kind of unit is behind a location number, "" when the
// directory does not know it.
func (g *Gateway) kindOf(gln brevdue.GLN) brevdue.UnitKind { return g.entry(gln).Kind }

// takes returns the kinds the receiver can take, as far as the directory knows.
func (g *Gateway) takes(gln brevdue.GLN) []brevdue.Kind { return g.entry(gln).Takes }
