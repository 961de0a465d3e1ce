package web

import (
	"brevdue/internal/auth"
)

// The addresses an identity provider that speaks SAML must know.
const (
	PathSAML         = "/log-ind/saml"          // where its page posts the answer
	PathSAMLMetadata = "/log-ind/saml/metadata" // where the workbench describes itself
)

// toSAML sends the browser to the identity provider.
func (wb *Workbench) toSAML(v *visit) error {
	to, request, err := wb.cfg.SAML.Begin()
	if err != nil {
		return wb.providerFails(v, err)
	}
	return wb.sendTo(v, to, begun{Request: request})
}

// fromSAML lets in whom the provider vouches for. The session of whoever sat here before
// does not come along with a post from another website, so it is not ended here.
func (wb *Workbench) fromSAML(v *visit) error {
	b, err := wb.begun(v)
	if err == nil {
		wb.setFlow(v.w, "", -1)
		if err := v.r.ParseForm(); err != nil {
			return err
		}
		var id auth.Identity
		if id, err = wb.cfg.SAML.Finish(b.Request, v.r.PostForm.Get("SAMLResponse"), v.now); err == nil {
			return wb.admit(v, id, b.To)
		}
	}
	return wb.providerFails(v, err)
}

// samlMetadata describes the workbench to the provider.
func (wb *Workbench) samlMetadata(v *visit) error {
	data, err := wb.cfg.SAML.Describe()
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/samlmetadata+xml")
	if _, err := v.w.Write(data); err != nil {
		return nil // whoever asked went away
	}
	return nil
}
