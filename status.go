package brevdue

import "fmt"

// Status is where a letter stands.
type Status string

// The states of a letter that came in.
const (
	Received Status = "received" // kept, not yet judged
	Refused  Status = "refused"  // answered by a negative receipt, never in an inbox
	Unread   Status = "unread"
	Read     Status = "read"     // opened by a person of the unit
	Answered Status = "answered" // a reply was sent
	Filed    Status = "filed"    // put away by a person
)

// The states of a letter that goes out.
const (
	Draft       Status = "draft"
	Queued      Status = "queued"      // decided by a person, waits to be handed to the network
	Sent        Status = "sent"        // handed to the network
	Delivered   Status = "delivered"   // positive receipt
	Rejected    Status = "rejected"    // negative receipt
	Unconfirmed Status = "unconfirmed" // no receipt in time, a person must look
	Withdrawn   Status = "withdrawn"   // its writer took it back before anything left
)

// Move is one allowed step of a letter, and what causes it.
type Move struct {
	From, To Status
	Cause    string
}

// Moves returns the whole table of allowed steps. docs/states.md is drawn from it.
func Moves() []Move {
	return []Move{
		{Received, Refused, "the judgement finds an error"},
		{Received, Unread, "the judgement accepts it"},
		{Unread, Read, "a person of the unit opens it"},
		{Unread, Answered, "a reply is sent without opening it here"},
		{Read, Answered, "a reply is sent"},
		{Answered, Read, "its only reply is taken back before it leaves"},
		{Read, Filed, "a person files it"},
		{Answered, Filed, "a person files it"},
		{Filed, Answered, "a late reply is sent, or a person takes an answered one out again"},
		{Filed, Read, "a person takes it out again"},
		{Draft, Queued, "a person sends it"},
		{Queued, Sent, "the bytes were handed to the network"},
		{Queued, Unconfirmed, "an operator gives up sending it"},
		{Queued, Withdrawn, "its writer takes it back before it leaves"},
		{Sent, Delivered, "a positive receipt arrives"},
		{Sent, Rejected, "a negative receipt arrives"},
		{Sent, Queued, "no receipt arrives in time, and the network is to try again by itself"},
		{Sent, Unconfirmed, "no receipt arrives in time"},
		{Unconfirmed, Delivered, "a late positive receipt arrives"},
		{Unconfirmed, Rejected, "a late negative receipt arrives"},
		{Unconfirmed, Queued, "a person sends it again"},
		{Rejected, Queued, "a person sends it again"},
	}
}

// CheckMove returns nil when the step is in the table and an error wrapping
// [ErrConflict] when it is not.
func CheckMove(from, to Status) error {
	for _, m := range Moves() {
		if m.From == from && m.To == to {
			return nil
		}
	}
	return fmt.Errorf("letter cannot go from %s to %s: %w", from, to, ErrConflict)
}
