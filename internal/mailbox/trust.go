package mailbox

import (
	"context"

	"brevdue/internal/store"
	"brevdue/sor"
)

// Trust says how far the sender of a received letter is proved. A letter carries no
// signature: what proves its sender is who the directory knows under the location number,
// what the envelope says, and who the network let deliver it.
type Trust struct {
	Confirmed bool // everything was proved
	// Reasons are what was proved when Confirmed, else what was not; never none.
	Reasons []TrustReason
}

// TrustReason is one thing that was proved, or was not, as a sentence.
type TrustReason struct {
	Code         string // stable: "number", "name", "envelope" or "network"
	Text, TextEN string
}

// trustOf judges who a letter came from. e is the directory's entry for the location number
// in the letter, known whether there is one; certified tells that the network asked whoever
// delivered it for a certificate.
func trustOf(l *store.Letter, e sor.Entry, known, certified bool) Trust {
	from := l.Body.Sender
	var proved, missing []TrustReason
	judge := func(ok bool, code, da, en, notDA, notEN string) {
		if ok {
			proved = append(proved, TrustReason{code, da, en})
		} else {
			missing = append(missing, TrustReason{code, notDA, notEN})
		}
	}
	if !known {
		missing = append(missing, TrustReason{"number", "Afsenderens lokationsnummer er ikke i kataloget.", "The sender's location number is not in the directory."})
	} else {
		proved = append(proved, TrustReason{"number", "Lokationsnummeret er i kataloget.", "The location number is in the directory."})
		judge(e.Named(from.Name()), "name", "Navnet er det, kataloget har.", "The name is the directory's.",
			"Brevet siger "+nameOr(from.Name(), "intet navn")+"; kataloget kalder nummeret "+e.Name+".", "The letter says "+nameOr(from.Name(), "no name")+"; the directory calls the number "+e.Name+".")
	}
	switch l.Envelope.Sender {
	case from.GLN:
		judge(from.GLN != "", "envelope", "Brev og kuvert har samme afsender.", "Letter and envelope have the same sender.", "Brevet har intet lokationsnummer.", "The letter has no location number.")
	case "":
		missing = append(missing, TrustReason{"envelope", "Kuverten siger ikke, hvem der har sendt den.", "The envelope does not say who sent it."})
	default:
		missing = append(missing, TrustReason{"envelope", "Kuverten har en anden afsender end brevet: " + string(l.Envelope.Sender) + ".", "The envelope has another sender than the letter: " + string(l.Envelope.Sender) + "."})
	}
	judge(certified, "network", "Den, der afleverede brevet, viste et certifikat.", "Whoever delivered the letter showed a certificate.",
		"Netværket beder ikke om certifikat fra den, der afleverer breve.", "The network asks whoever delivers letters for no certificate.")
	if len(missing) > 0 {
		return Trust{Reasons: missing}
	}
	return Trust{Confirmed: true, Reasons: proved}
}

func nameOr(name, none string) string {
	if name == "" {
		return none
	}
	return name
}

// trust judges the sender of a received letter; nil for a letter of one's own.
func (b *Box) trust(ctx context.Context, tx store.Tx, l *store.Letter) (*Trust, error) {
	if l.Direction != store.In {
		return nil, nil
	}
	certified := false
	if l.Arrival != 0 && b.cfg.Certified != "" {
		a, err := tx.Arrivals().Get(ctx, l.Arrival)
		if err != nil {
			return nil, err
		}
		// Only a network that is pushed to names its deliveries: what came under the same
		// name of a network before it was one does not count.
		certified = a.Network == b.cfg.Certified && a.Name != ""
	}
	e, known := b.cfg.Directory().Get(l.Body.Sender.GLN)
	t := trustOf(l, e, known, certified)
	return &t, nil
}
