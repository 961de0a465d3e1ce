package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"brevdue"
)

// AlertKind says what is wrong with an installation.
type AlertKind string

// The kinds of trouble an installation notices about itself.
const (
	AlertNetwork    AlertKind = "network"    // the network does not take or give
	AlertHostKey    AlertKind = "hostkey"    // another server may answer in the network's place
	AlertReceipts   AlertKind = "receipts"   // many letters are not acknowledged
	AlertDisk       AlertKind = "disk"       // the disk is nearly full
	AlertClock      AlertKind = "clock"      // the clock went back, or jumps
	AlertJobs       AlertKind = "jobs"       // jobs were given up
	AlertQuarantine AlertKind = "quarantine" // files nobody could read
	AlertGlass      AlertKind = "glass"      // a letter of another unit was opened in an emergency
)

// AlertKinds returns all kinds.
func AlertKinds() []AlertKind {
	return []AlertKind{AlertNetwork, AlertHostKey, AlertReceipts, AlertDisk, AlertClock, AlertJobs, AlertQuarantine, AlertGlass}
}

// Alert is a trouble, from when it was noticed until it was over (F75). It never
// holds anything about a letter or a citizen.
type Alert struct {
	Kind   AlertKind `json:"kind"`
	Node   string    `json:"node,omitempty"` // the machine it is about; "" for the whole installation
	Since  time.Time `json:"since"`
	Seen   time.Time `json:"seen"`           // when it was last seen to be there, to some minutes
	Ended  time.Time `json:"ended,omitzero"` // zero: still there
	Detail string    `json:"detail"`         // a measure, e.g. "3 %" or "12"
	// Told is how much of it others were told: 0 nothing, 1 that it began, 2 that it is
	// over.
	Told int `json:"told"`
}

// keyAlerts is the setting that holds them: they must be known after a restart, and
// are few.
const keyAlerts = "alerts"

// keptAlerts is how many are kept; the oldest that are over go first.
const keptAlerts = 30

// Alerts returns the alerts of an installation, the newest first.
func Alerts(ctx context.Context, tx Tx) ([]Alert, error) {
	value, err := tx.Settings().Get(ctx, keyAlerts)
	if errors.Is(err, brevdue.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Alert
	if err := json.Unmarshal([]byte(value), &all); err != nil {
		return nil, fmt.Errorf("alerts: %w", err)
	}
	return all, nil
}

// PutAlerts keeps the alerts of an installation, the newest first. Of many the oldest
// that are over go.
func PutAlerts(ctx context.Context, tx Tx, all []Alert) error {
	for i := len(all) - 1; i >= 0 && len(all) > keptAlerts; i-- {
		if !all[i].Ended.IsZero() {
			all = slices.Delete(slices.Clone(all), i, i+1)
		}
	}
	value, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("alerts: %w", err)
	}
	tx.Notify(TopicOperator)
	return tx.Settings().Set(ctx, keyAlerts, string(value))
}
