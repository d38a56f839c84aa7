package spool

// pages reads the files of one message after the other for a search: by their bare names, with few system calls, into
// memory that is used again.
type pages struct {
	spool  *Spool
	dir    string // of folder
	folder *openFolder
	bufs   [3][]byte
}

// What a page is read for, each into memory of its own. The first two are hdr and eml.
const envelopeAgain = 2 // the HDR, for its recipients

// maxKept bounds the memory that is kept from one message to the next, in bytes: few messages are larger.
const maxKept = 1 << 20

// read reads a file of a message, at most limit bytes, and says whether it goes on. The data hold until the next message
// is read.
func (p *pages) read(id ID, which int, limit int64) (data []byte, cut bool, err error) {
	if err := p.enter(id.Dir()); err != nil {
		return nil, false, err
	}
	name := id.Base() + ".hdr"
	if which == eml {
		name = id.Base() + ".eml"
	}
	buf := p.bufs[which]
	if cap(buf) > maxKept {
		buf = nil
	}
	data, _, err = p.folder.read(name, buf, limit+1)
	p.bufs[which] = data
	if int64(len(data)) > limit {
		return data[:limit], true, err
	}
	return data, false, err
}

// enter opens a folder, unless it is open.
func (p *pages) enter(dir string) error {
	if p.folder != nil && p.dir == dir {
		return nil
	}
	p.close()
	folder, err := p.spool.openFolder(dir)
	if err != nil {
		return err
	}
	p.dir, p.folder = dir, folder
	return nil
}

func (p *pages) close() {
	if p.folder != nil {
		p.folder.Close()
		p.folder = nil
	}
}
