package service

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// maxConfig bounds a configuration file that is read, in bytes.
const maxConfig = 16 << 20

// configFiles lists where SmarterMail keeps its settings: settings.json in current builds, mailConfig.xml up to 16.x.
func (m machine) configFiles(found []Found) []string {
	if !m.windows {
		return []string{"/etc/smartermail/settings.json", "/var/lib/smartermail/settings.json"}
	}
	var files []string
	folders := make([]string, 0, len(found)+4)
	for _, f := range found {
		folders = append(folders, f.Folder)
	}
	for _, drive := range m.drives {
		folders = append(folders, drive+`\Program Files (x86)\SmarterTools\SmarterMail`, drive+`\Program Files\SmarterTools\SmarterMail`)
	}
	for _, folder := range folders {
		if folder != "" {
			files = append(files, m.join(folder, "Service", "Settings", "settings.json"), m.join(folder, "Service", "mailConfig.xml"))
		}
	}
	return files
}

// configValue is a text of a configuration file that looks like a path.
type configValue struct {
	key  string // the JSON key or XML name it stands under
	path string
}

// kind says what a path is for by its last folder. The key of the spool's path is not documented for any build, so the
// value has to tell.
func (v configValue) kind() string {
	p := strings.TrimRight(v.path, `\/`)
	switch last := p[strings.LastIndexAny(p, `\/`)+1:]; {
	case strings.EqualFold(last, "Spool"):
		return "spool"
	case strings.EqualFold(last, "Logs"):
		return "logs"
	}
	return ""
}

// configPaths returns the paths that a configuration file names. A file that breaks off gives what stands before.
func (m machine) configPaths(file string) ([]configValue, error) {
	b, err := m.disk.Head(file, maxConfig)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	var values []configValue
	keep := func(key, text string) {
		if path := m.clean(text); path != "" {
			values = append(values, configValue{key: key, path: path})
		}
	}
	if strings.HasSuffix(file, ".json") {
		jsonTexts(b, keep)
	} else {
		xmlTexts(b, keep)
	}
	return values, nil
}

// jsonTexts calls keep with every text of a JSON document and the key that it stands under.
func jsonTexts(b []byte, keep func(key, text string)) {
	d := json.NewDecoder(bytes.NewReader(b))
	// one level for each open object or array: its last key, and whether a key comes next
	type level struct {
		object, keyNext bool
		key             string
	}
	levels := []level{{}}
	for {
		t, err := d.Token()
		if err != nil || len(levels) > 1000 {
			return
		}
		top := &levels[len(levels)-1]
		switch t := t.(type) {
		case json.Delim:
			if t == '{' || t == '[' {
				key := top.key
				top.keyNext = top.object
				levels = append(levels, level{object: t == '{', keyNext: t == '{', key: key})
			} else {
				levels = levels[:len(levels)-1]
			}
			continue
		case string:
			if top.keyNext {
				top.key, top.keyNext = t, false
				continue
			}
			keep(top.key, t)
		}
		top.keyNext = top.object
	}
}

// xmlTexts calls keep with every text and attribute of an XML document and the name that it stands under.
func xmlTexts(b []byte, keep func(key, text string)) {
	d := xml.NewDecoder(bytes.NewReader(b))
	d.Strict = false
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	name := ""
	for {
		t, err := d.RawToken()
		if err != nil {
			return
		}
		switch t := t.(type) {
		case xml.StartElement:
			name = t.Name.Local
			for _, a := range t.Attr {
				keep(name+" "+a.Name.Local, a.Value)
			}
		case xml.CharData:
			keep(name, string(t))
		}
	}
}
