// Package steps is the runbook: the incident, what may happen next, the journal, and the hands that change the server.
//
// One way leads through it. An Intent goes to the Runbook, which checks it against the Incident, writes it to the
// Journal before it acts, acts, writes the outcome, and tells by Events what happened. The Incident is a fold over the
// journal, so a resumed, replayed or reported incident is the same incident.
package steps
