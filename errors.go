package brevdue

import "errors"

// The errors somebody must tell apart. Everything else is just an error.
var (
	ErrNotFound  = errors.New("not found")               // also what a person sees of another unit's letter
	ErrConflict  = errors.New("conflict")                // the thing has moved on; nothing was changed
	ErrForbidden = errors.New("forbidden")               // known person, not allowed
	ErrTransient = errors.New("temporarily unavailable") // trying again may help
)
