package incident

// Rehearsed is a fact as a dry run records it: nothing was done, so a deed is marked as one that only would be, and a step
// ends with what would be.
func Rehearsed(f Fact) Fact {
	switch f := f.(type) {
	case MailStopped:
		f.Dry = true
		return f
	case MailStarted:
		f.Dry = true
		return f
	case Moved:
		f.Dry = true
		return f
	case ResetChanged:
		f.Dry = true
		if f.State == ResetSet || f.State == ResetDone {
			f.Detail = "" // how it went
		}
		return f
	case ForwardingChanged:
		f.Dry = true
		return f
	case FoundQuiet:
		f.Dry = true
		return f
	case StepChanged:
		if result := rehearsedResult(f.Step); result != "" && f.State == Done {
			f.Result = result
		}
		return f
	}
	return f
}

// rehearsedResult is how a step ends in a dry run that would end with a deed; empty where it ends as ever.
func rehearsedResult(s Step) string {
	switch s {
	case Stop:
		return "dry run: mail would be stopped"
	case Restart:
		return "dry run: mail would run again, and the spool be watched"
	case Verify:
		return "dry run: the server would be watched until it is quiet"
	}
	return ""
}

// Password says how far the new password of a suspect is.
func (s *Suspect) Password() string { return s.Reset.words(s.Dry) }

// words are the state; in a dry run no password is set or changed.
func (s ResetState) words(dry bool) string {
	if dry && (s == ResetSet || s == ResetDone) {
		return "would be changed (dry run)"
	}
	return s.String()
}
