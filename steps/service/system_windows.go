package service

import (
	"errors"
	"fmt"
	"slices"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/mgr"
)

func systemControl(name string) (control, error) {
	return &windowsService{name: name, scm: systemSCM()}, nil
}

// systemSCM is the Service Control Manager of this machine. Each call opens what it needs with the least rights, so that
// looking works for those who may not stop.
func systemSCM() scm {
	return scm{
		status: func(name string) (st scmStatus, err error) {
			err = withService(name, windows.SERVICE_QUERY_STATUS, func(s *mgr.Service) error {
				st, err = queryStatus(s.Handle)
				return err
			})
			return st, err
		},
		stop: func(name string) error {
			return withService(name, windows.SERVICE_STOP, func(s *mgr.Service) error {
				_, err := s.Control(svc.Stop)
				return err
			})
		},
		start: func(name string) error {
			return withService(name, windows.SERVICE_START, func(s *mgr.Service) error { return s.Start() })
		},
		dependents: func(name string) (list []string, err error) {
			err = withService(name, windows.SERVICE_ENUMERATE_DEPENDENTS, func(s *mgr.Service) error {
				list, err = s.ListDependentServices(svc.Active)
				return err
			})
			return list, err
		},
		startType: func(name string) (uint32, error) {
			c, err := queryConfig(name)
			return c.startType, err
		},
		hold: holdProcess,
		mayStop: func(name string) error {
			return withService(name, windows.SERVICE_STOP, func(*mgr.Service) error { return nil })
		},
		recovers: func(name string) (restarts bool, err error) {
			err = withService(name, windows.SERVICE_QUERY_CONFIG, func(s *mgr.Service) error {
				if on, err := s.RecoveryActionsOnNonCrashFailures(); err != nil || !on {
					return err
				}
				actions, err := s.RecoveryActions()
				restarts = slices.ContainsFunc(actions, func(a mgr.RecoveryAction) bool { return a.Type == mgr.ServiceRestart })
				return err
			})
			return restarts, err
		},
	}
}

// withManager calls f with the Service Control Manager of this machine.
func withManager(rights uint32, f func(*mgr.Mgr) error) error {
	h, err := windows.OpenSCManager(nil, nil, rights)
	if err != nil {
		return asWinError(err)
	}
	m := &mgr.Mgr{Handle: h}
	defer func() { _ = m.Disconnect() }()
	return asWinError(f(m))
}

// withService calls f with one service, opened with the given rights.
func withService(name string, rights uint32, f func(*mgr.Service) error) error {
	return withManager(windows.SC_MANAGER_CONNECT, func(m *mgr.Mgr) error {
		ptr, err := windows.UTF16PtrFromString(name)
		if err != nil {
			return err
		}
		h, err := windows.OpenService(m.Handle, ptr, rights)
		if err != nil {
			return err
		}
		s := &mgr.Service{Name: name, Handle: h}
		defer func() { _ = s.Close() }()
		return f(s)
	})
}

// asWinError turns Windows' codes into winErrors, and leaves other errors alone.
func asWinError(err error) error {
	var code syscall.Errno
	if errors.As(err, &code) {
		return winError(code)
	}
	return err
}

func queryStatus(h windows.Handle) (scmStatus, error) {
	var p windows.SERVICE_STATUS_PROCESS
	var needed uint32
	err := windows.QueryServiceStatusEx(h, windows.SC_STATUS_PROCESS_INFO, (*byte)(unsafe.Pointer(&p)), uint32(unsafe.Sizeof(p)), &needed)
	return scmStatus{
		state: p.CurrentState, pid: int(p.ProcessId),
		ownProcess: p.ServiceType&windows.SERVICE_WIN32_OWN_PROCESS != 0,
		exitCode:   p.Win32ExitCode, specificCode: p.ServiceSpecificExitCode,
	}, err
}

// scmConfig is QUERY_SERVICE_CONFIG, as far as it is used.
type scmConfig struct {
	startType uint32
	image     string // the command line, as registered
}

// queryConfig reads a service's configuration. It does not use mgr.Service.Config, which asks for more than Wine knows.
func queryConfig(name string) (c scmConfig, err error) {
	err = withService(name, windows.SERVICE_QUERY_CONFIG, func(s *mgr.Service) error {
		size := uint32(1024)
		for range 3 {
			// as uint64s, since the structure holds pointers and must lie at their alignment
			b := make([]uint64, size/8+1)
			q := (*windows.QUERY_SERVICE_CONFIG)(unsafe.Pointer(&b[0]))
			err := windows.QueryServiceConfig(s.Handle, q, uint32(len(b)*8), &size)
			if errors.Is(err, windows.ERROR_INSUFFICIENT_BUFFER) {
				continue
			}
			if err != nil {
				return err
			}
			c = scmConfig{startType: q.StartType, image: windows.UTF16PtrToString(q.BinaryPathName)}
			return nil
		}
		return fmt.Errorf("the configuration of %s does not fit", name)
	})
	return c, err
}

// heldProcess is a process kept by its handle.
type heldProcess windows.Handle

func holdProcess(pid int) (process, error) {
	h, err := windows.OpenProcess(windows.SYNCHRONIZE, false, uint32(pid))
	if err != nil {
		return nil, asWinError(err)
	}
	return heldProcess(h), nil
}

// Alive implements process.
func (p heldProcess) Alive() bool {
	event, err := windows.WaitForSingleObject(windows.Handle(p), 0)
	return err == nil && event == uint32(windows.WAIT_TIMEOUT)
}

// Close implements process.
func (p heldProcess) Close() error { return windows.CloseHandle(windows.Handle(p)) }
