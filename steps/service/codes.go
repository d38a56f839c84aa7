package service

import "fmt"

// winError is a system error code of Windows.
type winError uint32

// Error implements error.
func (e winError) Error() string { return fmt.Sprintf("Windows error %d", uint32(e)) }

// The codes that the Service Control Manager answers with (Windows, System Error Codes).
const (
	errAccessDenied               winError = 5
	errDependentServicesRunning   winError = 1051
	errInvalidServiceControl      winError = 1052
	errServiceRequestTimeout      winError = 1053
	errServiceAlreadyRunning      winError = 1056
	errServiceDisabled            winError = 1058
	errServiceDoesNotExist        winError = 1060
	errServiceCannotAcceptControl winError = 1061
	errServiceNotActive           winError = 1062
	errServiceSpecific            winError = 1066
	errProcessAborted             winError = 1067
	errServiceDependencyFail      winError = 1068
	errServiceLogonFailed         winError = 1069
	errServiceMarkedForDelete     winError = 1072
	errServiceNeverStarted        winError = 1077
	errShutdownInProgress         winError = 1115
)

// explainCode makes a sentence with a next step of what Windows refused. It returns nil for nil.
func explainCode(doing, name string, err error) error {
	if err == nil {
		return nil
	}
	say := func(format string, args ...any) error {
		return fmt.Errorf("%s %s: %w", doing, name, fmt.Errorf(format, args...))
	}
	switch code := winCode(err); code {
	case errAccessDenied:
		return say("%w for this user; leave, and start delist again by \"Run as administrator\" (the incident goes on where it is)", ErrRights)
	case errServiceDoesNotExist:
		return say("%w here; see Services (services.msc) for its service name, then give it with --service", ErrMissing)
	case errInvalidServiceControl:
		return say("it does not take this request in its present state; look at it in Services, then try again")
	case errServiceRequestTimeout:
		return say("it did not answer within the time that Windows allows; look in the event log under System, then try again")
	case errServiceDisabled:
		return say("it is disabled; set its start type in Services (services.msc) to Automatic, then try again")
	case errServiceCannotAcceptControl:
		return say("it takes no requests just now; wait a moment, then try again")
	case errServiceNotActive:
		return say("it does not run; look at it in Services, then try again")
	case errServiceAlreadyRunning:
		return say("it runs already; look at it in Services")
	case errProcessAborted:
		return say("its process ended by itself; look in the event log under Application, then try again")
	case errServiceDependencyFail:
		return say("a service that it needs did not start; start that one first, then try again")
	case errServiceLogonFailed:
		return say("Windows could not log in as its account; check \"Log On\" in its properties, then try again")
	case errServiceMarkedForDelete:
		return say("it is marked to be deleted; close Services, restart this server, then look whether it is still there")
	case errShutdownInProgress:
		return say("this server is shutting down; try again when it is up")
	}
	return say("%w; try it yourself in Services (services.msc), or use --service by-hand", err)
}

// ended says why a stopped service ended, empty when it ended well or never ran.
func ended(st scmStatus) string {
	switch code := winError(st.exitCode); code {
	case 0, errServiceNeverStarted:
		return ""
	case errServiceSpecific:
		return fmt.Sprintf("it gave its own code %d", st.specificCode)
	case errProcessAborted:
		return "its process ended by itself (1067)"
	default:
		return code.Error()
	}
}
