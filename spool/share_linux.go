package spool

import (
	"golang.org/x/sys/unix"
)

// shares are the file systems of network shares, by the number that statfs gives them.
var shares = map[uint32]string{
	unix.NFS_SUPER_MAGIC:  "NFS",
	unix.SMB_SUPER_MAGIC:  "SMB",
	unix.CIFS_SUPER_MAGIC: "CIFS",
	unix.SMB2_SUPER_MAGIC: "SMB2",
	unix.AFS_SUPER_MAGIC:  "AFS",
	unix.CEPH_SUPER_MAGIC: "Ceph",
	unix.V9FS_MAGIC:       "9p",
}

// IsNetworkShare reports whether root lies on a network share, and on what ground, in words: other machines may write
// there, too. When it cannot be told, the answer is true, since unknown is not safe.
func IsNetworkShare(root string) (bool, string) {
	var st unix.Statfs_t
	if err := unix.Statfs(root, &st); err != nil {
		return true, "its file system cannot be asked: " + err.Error()
	}
	if name, found := shares[uint32(st.Type)]; found {
		return true, "it lies on a network share (" + name + ")"
	}
	return false, "it lies on a disk of this machine"
}
