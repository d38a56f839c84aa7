// Package incident is what is known to have happened: the records of a journal, and the incident that they fold into.
//
// It is pure: no clock, no disk, no network. The same records always give the same incident, so that resume, report and
// tests rest on it.
package incident
