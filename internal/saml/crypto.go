package saml

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/beevik/etree"
	"github.com/crewjam/saml/xmlenc"
	dsig "github.com/russellhaering/goxmldsig"

	"brevdue/internal/auth"
)

// signer is what a private key that signs can do.
type signer = crypto.Signer

// strict verifies signatures, and none that are made with SHA-1.
type strict struct{}

// VerifySignature implements the library's verifier: it is asked for every signature,
// after what was encrypted was opened.
func (strict) VerifySignature(ctx *dsig.ValidationContext, el *etree.Element) error {
	if el.FindElement("./Signature") == nil {
		return auth.RefusedSignature
	}
	if err := shape(el); err != nil {
		return err
	}
	for _, path := range []string{"./Signature/SignedInfo/SignatureMethod", "./Signature/SignedInfo/Reference/DigestMethod"} {
		for _, m := range el.FindElements(path) {
			if strings.Contains(m.SelectAttrValue("Algorithm", "sha1"), "sha1") {
				return auth.RefusedSignature
			}
		}
	}
	if _, err := ctx.Validate(el); err != nil {
		return auth.RefusedSignature
	}
	return nil
}

// aes256GCM is what providers encrypt with as a rule, and what the library does not know.
const aes256GCM = "http://www.w3.org/2009/xmlenc11#aes256-gcm"

func init() { xmlenc.RegisterDecrypter(gcm256{}) }

// gcm256 opens what was encrypted with AES-256-GCM.
type gcm256 struct{}

// Algorithm implements xmlenc.Decrypter.
func (gcm256) Algorithm() string { return aes256GCM }

// Decrypt implements xmlenc.Decrypter.
func (gcm256) Decrypt(key any, el *etree.Element) ([]byte, error) {
	if wrapped := el.FindElement("./KeyInfo/EncryptedKey"); wrapped != nil {
		var err error
		if key, err = xmlenc.Decrypt(key, wrapped); err != nil {
			return nil, err
		}
	}
	raw, is := key.([]byte)
	if !is || len(raw) != 32 {
		return nil, errors.New("decrypt: the key has not 32 bytes")
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, err
	}
	box, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	value := el.FindElement("./CipherData/CipherValue")
	if value == nil {
		return nil, errors.New("decrypt: nothing is there")
	}
	sealed, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(value.Text()), ""))
	if err != nil {
		return nil, err
	}
	return box.Open(nil, nil, sealed, nil) // the nonce comes first, as XML Encryption has it
}
