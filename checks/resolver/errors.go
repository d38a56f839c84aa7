package resolver

import (
	"context"
	"errors"
)

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

// reasons are what can go wrong in words for an operator, the end of a sentence.
var reasons = [...]struct {
	err error
	say string
}{
	{ErrTruncated, "its answer was cut short, and TCP did not get through"},
	{ErrTimeout, "no answer came in time"},
	{context.DeadlineExceeded, "no answer came in time"},
	{context.Canceled, "the look was stopped"},
	{ErrServFail, "the resolver could not find the answer"},
	{ErrFiltered, "the resolver says that it holds the answer back"},
	{ErrReferral, "the resolver names other servers instead of answering"},
	{ErrUnreachable, "the resolver cannot be reached"},
	{ErrMismatch, "the answer was damaged or did not fit the question"},
	{ErrMalformed, "the answer was damaged or did not fit the question"},
}

// Reason says why a question has no answer, without the names and addresses that the error has: the end of a sentence.
func Reason(err error) string {
	for _, r := range reasons {
		if errors.Is(err, r.err) {
			return r.say
		}
	}
	return err.Error()
}
