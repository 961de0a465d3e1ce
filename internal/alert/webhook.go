package alert

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"brevdue/internal/store"
)

// Webhook tells alerts by a POST of JSON.
type Webhook struct {
	URL string
	// TokenFile names the file with the bearer token; "" for none. It is read each time,
	// so that it may be replaced.
	TokenFile    string
	Installation string // who tells: the operator's name for it
	Client       *http.Client
}

// message is what is sent.
type message struct {
	Installation string     `json:"installation"`
	Kind         string     `json:"kind"`
	Node         string     `json:"node,omitempty"`
	State        string     `json:"state"` // "began" or "ended"
	Since        time.Time  `json:"since"`
	Ended        *time.Time `json:"ended,omitempty"`
	Detail       string     `json:"detail"`
	Text         string     `json:"text"`
}

// texts say what it is in a line; docs/operations.md says what to do.
func texts(kind store.AlertKind) string {
	switch kind {
	case store.AlertNetwork:
		return "Netværket tager ikke imod eller afleverer ikke breve."
	case store.AlertHostKey:
		return "En anden server svarer måske i netværkets sted."
	case store.AlertReceipts:
		return "Mange breve er ikke kvitteret."
	case store.AlertDisk:
		return "Disken er næsten fuld."
	case store.AlertClock:
		return "Uret går forkert."
	case store.AlertJobs:
		return "Opgaver er opgivet."
	case store.AlertQuarantine:
		return "Der er kommet filer, som ikke kan læses."
	case store.AlertGlass:
		return "Nogen har åbnet en anden enheds brev med nødadgang."
	}
	return string(kind)
}

// Tell sends an alert; nil only when it was taken (2xx). Errors hold neither token nor
// what the other side answered.
func (h Webhook) Tell(ctx context.Context, a store.Alert) error {
	m := message{Installation: h.Installation, Kind: string(a.Kind), Node: a.Node, State: "began", Since: a.Since, Detail: a.Detail, Text: texts(a.Kind)}
	if !a.Ended.IsZero() {
		m.State, m.Ended, m.Text = "ended", &a.Ended, "Ovre: "+m.Text
	}
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	if h.TokenFile != "" {
		token, err := os.ReadFile(h.TokenFile)
		if err != nil {
			return fmt.Errorf("webhook token: %w", err)
		}
		r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	}
	client := h.Client
	if client == nil {
		client = http.DefaultClient
	}
	answer, err := client.Do(r)
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // so that the connection can be used again
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("webhook: answered %s", answer.Status)
	}
	return nil
}
