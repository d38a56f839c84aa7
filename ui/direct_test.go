package ui_test

import (
	"testing"
	"time"

	"delist/steps/incident"
	"delist/ui"
	"delist/ui/uitest"
)

func TestTheBoxForAHELOStaysOpenForWhatIsNone(t *testing.T) {
	state := uitest.At(t, incident.Delist)
	unexplained(&state)
	d, _ := with(t, state, ui.Options{})
	d.Model().Show(incident.Delist)
	d.Press("h").Wait(time.Second).Type("???").Press("enter").ExpectDialog("Compare the HELO", "no host name", "???")
}
