package gateway

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"strings"

	"brevdue"
	"brevdue/vans"
)

// A VANSEnvelope and its message need UUIDs. Ours are made from the numbers the
// transmission has anyway, so that a receipt of the network leads back to them
// and a repeated attempt has the same ones: version 8 (RFC 9562), 48 bits of a
// hash over purpose and sender, and the 14 characters of the number as 74 bits.
const (
	vansEnvelope = "envelope" // EnvelopeIdentifier, from the KuvertNr
	vansMessage  = "message"  // message Identifier, from the BrevNr
)

// vansID returns the UUID of a number of ours, 14 characters 0-9, A-Z.
func vansID(purpose string, sender brevdue.GLN, number string) string {
	n, ok := new(big.Int).SetString(number, 36)
	if !ok {
		n = new(big.Int).SetBytes([]byte(number))
	}
	var b [16]byte
	sum := sha256.Sum256([]byte(purpose + "|" + string(sender)))
	copy(b[:6], sum[:6])
	low := new(big.Int).And(n, big.NewInt(1<<62-1)).Uint64()
	high := new(big.Int).And(new(big.Int).Rsh(n, 62), big.NewInt(1<<12-1)).Uint64()
	b[6], b[7] = 0x80|byte(high>>8), byte(high)
	for i := range 8 {
		b[8+i] = byte(low >> (56 - 8*i))
	}
	b[8] = 0x80 | b[8]&0x3f
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// vansNumber is the reverse of vansID: the number behind an identifier, false
// when it is not one of this sender's.
func vansNumber(purpose string, sender brevdue.GLN, id string) (string, bool) {
	raw, err := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
	if err != nil || len(raw) != 16 || raw[6]>>4 != 8 {
		return "", false
	}
	sum := sha256.Sum256([]byte(purpose + "|" + string(sender)))
	if !bytes.Equal(raw[:6], sum[:6]) {
		return "", false
	}
	n := new(big.Int).SetUint64(uint64(raw[6]&0x0f)<<8 | uint64(raw[7]))
	low := uint64(raw[8] & 0x3f)
	for _, c := range raw[9:] {
		low = low<<8 | uint64(c)
	}
	n.Lsh(n, 62).Or(n, new(big.Int).SetUint64(low))
	s := strings.ToUpper(n.Text(36))
	if len(s) > 14 {
		return "", false
	}
	return strings.Repeat("0", 14-len(s)) + s, true
}

// wrap puts a document of ours into a VANSEnvelope. Letters travel reliably;
// receipts do not, as nothing answers a receipt. It returns the document itself
// when the envelope cannot be written, e.g. for a party without a usable number.
func (g *Gateway) wrap(data []byte, kind brevdue.Kind, version string, e brevdue.Envelope, letter string, reliable bool) []byte {
	transport := &vans.Transport{Type: "reliable"}
	if !reliable {
		transport.Type = "unreliable"
	}
	out, findings := vans.Write(vans.Envelope{
		Sender:   vans.EndPoint{Type: vans.EAN, ID: string(e.Sender)},
		Receiver: vans.EndPoint{Type: vans.EAN, ID: string(e.Receiver)},
		ID:       vansID(vansEnvelope, e.Sender, e.ID),
		Sent:     vansTime(g.Now()),
		Message: &vans.Message{
			Meta: vans.Meta{
				ID:        vansID(vansMessage, e.Sender, letter),
				Document:  vans.DocumentFor(kind, version, len(data)),
				Transport: transport,
			},
			Data: data,
		},
	})
	if out == nil || brevdue.HasErrors(findings) {
		g.Log.Error("a VANSEnvelope could not be written, the document goes out bare", "kind", kind)
		return data
	}
	return out
}
