package resolver

import "errors"

// What can go wrong with a question. Ask wraps each with the server's address.
// A name that does not exist is an answer, not an error.
var (
	ErrNoServer    = errors.New("no resolver is known; give one with --resolver")
	ErrTimeout     = errors.New("no answer in time")
	ErrUnreachable = errors.New("cannot be reached")
	ErrServFail    = errors.New("could not find the answer (SERVFAIL)")
	ErrRefused     = errors.New("refused the question (REFUSED)")
	ErrFiltered    = errors.New("says that it holds this answer back")
	ErrReferral    = errors.New("names other servers instead of answering: it does not look names up for this computer")
	ErrRCode       = errors.New("answered with a failure code")
	ErrMismatch    = errors.New("answered a question that was not asked")
	ErrMalformed   = errors.New("gave a damaged answer")
	ErrTruncated   = errors.New("cut the answer short, and TCP did not get the rest")
)
