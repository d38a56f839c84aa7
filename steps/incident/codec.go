package incident

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"
)

// FactTypes are the facts by their names in the journal.
var FactTypes = map[string]reflect.Type{
	"opened": reflect.TypeFor[Opened](), "started": reflect.TypeFor[Started](), "ended": reflect.TypeFor[Ended](),
	"neighboured": reflect.TypeFor[Neighboured](), "permitted": reflect.TypeFor[Permitted](), "intent": reflect.TypeFor[Intended](), "refused": reflect.TypeFor[Refused](),
	"step": reflect.TypeFor[StepChanged](), "mail-stopped": reflect.TypeFor[MailStopped](), "mail-started": reflect.TypeFor[MailStarted](),
	"bounce": reflect.TypeFor[BounceRead](), "lists": reflect.TypeFor[ListsAsked](), "identity": reflect.TypeFor[IdentityChecked](),
	"speaker": reflect.TypeFor[SpeakerSeen](), "speaker-remedied": reflect.TypeFor[SpeakerRemedied](), "helo": reflect.TypeFor[HELOHeard](),
	"suspect":         reflect.TypeFor[SuspectMarked](),
	"suspect-cleared": reflect.TypeFor[SuspectCleared](), "evidence": reflect.TypeFor[EvidenceTaken](), "lines": reflect.TypeFor[LinesKept](), "plan": reflect.TypeFor[Planned](),
	"moved": reflect.TypeFor[Moved](), "put-back": reflect.TypeFor[PutBack](), "deleted": reflect.TypeFor[Deleted](), "nodes-confirmed": reflect.TypeFor[NodesConfirmed](), "aside-began": reflect.TypeFor[AsideBegan](), "aside": reflect.TypeFor[AsideDone](),
	"aside-dropped": reflect.TypeFor[AsideDropped](), "good-back": reflect.TypeFor[GoodPutBack](), "reset": reflect.TypeFor[ResetChanged](),
	"mailbox": reflect.TypeFor[MailboxRead](), "forwarding": reflect.TypeFor[ForwardingChanged](), "relapse": reflect.TypeFor[Relapsed](),
	"explained": reflect.TypeFor[Explained](), "password-shown": reflect.TypeFor[PasswordShown](), "watch-seen": reflect.TypeFor[WatchSeen](),
	"told": reflect.TypeFor[OwnerWasTold](), "watch": reflect.TypeFor[WatchBegan](), "quiet": reflect.TypeFor[FoundQuiet](),
	"listing": reflect.TypeFor[ListingChanged](), "note": reflect.TypeFor[Noted](), "to-do": reflect.TypeFor[LeftToDo](),
	"cause": reflect.TypeFor[CauseFound](), "cause-remedied": reflect.TypeFor[CauseRemedied](),
	"closed": reflect.TypeFor[IncidentClosed](),
}

// errUnknownFact is a line of a newer delist: it is kept, and skipped.
var errUnknownFact = errors.New("unknown kind of record")

// wireRecord is a record as a line of JSON.
type wireRecord struct {
	Seq   int             `json:"seq"`
	At    time.Time       `json:"at"`
	Epoch int             `json:"epoch"`
	By    string          `json:"by"`
	Kind  string          `json:"kind"`
	Data  json.RawMessage `json:"data"`
}

// EncodeRecord makes the journal's line of a record, without the line end.
func EncodeRecord(r Record) ([]byte, error) {
	kind := ""
	for name, t := range FactTypes {
		if t == reflect.TypeOf(r.Fact) {
			kind = name
		}
	}
	if kind == "" {
		return nil, fmt.Errorf("fact %T has no name in the journal", r.Fact)
	}
	data, err := json.Marshal(r.Fact)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", kind, err)
	}
	return json.Marshal(wireRecord{r.Seq, r.At.UTC(), r.Epoch, r.By, kind, data})
}

// DecodeRecord reads one line of the journal.
func DecodeRecord(line []byte) (Record, error) {
	var w wireRecord
	if err := json.Unmarshal(line, &w); err != nil {
		return Record{}, fmt.Errorf("not a record: %w", err)
	}
	r := Record{Seq: w.Seq, At: w.At, Epoch: w.Epoch, By: w.By}
	t, ok := FactTypes[w.Kind]
	if !ok {
		return r, fmt.Errorf("%w: %q", errUnknownFact, w.Kind)
	}
	value := reflect.New(t)
	if err := json.Unmarshal(w.Data, value.Interface()); err != nil {
		return r, fmt.Errorf("record %d, %s: %w", w.Seq, w.Kind, err)
	}
	r.Fact = value.Elem().Interface().(Fact)
	return r, nil
}

// maxLine bounds a line that is read: older builds wrote the names of all messages of a plan into one.
const maxLine = 256 << 20

// DamagedError says which line of a journal cannot be read.
type DamagedError struct {
	Path string
	Line int
	Err  error
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("%s: line %d is damaged: %v; keep the file, and start a new incident", e.Path, e.Line, e.Err)
}

// Unwrap gives the cause.
func (e *DamagedError) Unwrap() error { return e.Err }

// ParseJournal reads the lines of a journal at a path, which only errors name; torn is the length of an unfinished last line, in bytes.
func ParseJournal(path string, data []byte) (records []Record, torn int, err error) {
	for line := 1; len(data) > 0; line++ {
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			return records, len(data), nil
		}
		text := data[:end]
		data = data[end+1:]
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		if len(text) > maxLine {
			return records, 0, &DamagedError{path, line, errors.New("the line is too long")}
		}
		r, err := DecodeRecord(text)
		if errors.Is(err, errUnknownFact) {
			continue
		}
		if err != nil {
			return records, 0, &DamagedError{path, line, err}
		}
		records = append(records, r)
	}
	return records, 0, nil
}
