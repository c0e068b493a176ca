package stream

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// embedded is a NATS server inside this process. It listens on no port.
type embedded struct {
	nats *server.Server
	dir  string
	lock *os.File
}

// startEmbedded starts a server on dir. It returns when what dir holds is recovered.
func startEmbedded(dir string, maxBytes int64, log *slog.Logger) (*embedded, error) {
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	e := &embedded{dir: dir, lock: lock}
	if err := e.start(maxBytes, log); err != nil {
		return nil, errors.Join(fmt.Errorf("log directory %s cannot be opened: %w", dir, err), e.stop())
	}
	return e, nil
}

func (e *embedded) start(maxBytes int64, log *slog.Logger) (err error) {
	e.nats, err = server.NewServer(&server.Options{
		ServerName:             "outcry",
		DontListen:             true,
		NoSigs:                 true,
		NoLog:                  true,
		MaxPayload:             maxPayload,
		JetStream:              true,
		DisableJetStreamBanner: true,
		StoreDir:               e.dir,
		SyncAlways:             true,
		JetStreamMaxMemory:     64 << 20,
		JetStreamMaxStore:      maxBytes + 1<<30, // the rest is for what else is kept beside the log
	})
	if err != nil {
		return err
	}
	says := &serverLog{log: log}
	e.nats.SetLogger(says, false, false)
	e.nats.Start()
	if err := says.fatal(); err != nil {
		return err
	}
	if !e.nats.ReadyForConnections(5 * time.Second) {
		return errors.New("its server does not become ready")
	}
	return nil
}

// healthy says ErrBroken when the server can no longer store: on a full or failing disk it stops
// answering for good, and only a person can help.
func (e *embedded) healthy() error {
	// Not Healthz: it gives its own check a millisecond, which a busy machine does not keep.
	if e.nats.Running() && e.nats.JetStreamEnabled() {
		return nil
	}
	return fmt.Errorf("%w %s: its server has stopped storing", ErrBroken, e.dir)
}

func (e *embedded) stop() error {
	if e.nats != nil {
		e.nats.Shutdown()
		e.nats.WaitForShutdown()
	}
	if err := e.lock.Close(); err != nil {
		return fmt.Errorf("log directory %s cannot be let go: %w", e.dir, err)
	}
	return nil
}

// serverLog hands the server's warnings and errors to slog. What the server calls fatal is kept
// for startEmbedded to return.
type serverLog struct {
	log  *slog.Logger
	mu   sync.Mutex
	died error
}

func (s *serverLog) fatal() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.died
}

func (s *serverLog) Fatalf(format string, v ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.died == nil {
		s.died = fmt.Errorf(format, v...)
	}
}

func (s *serverLog) Warnf(format string, v ...any) {
	s.log.Warn("log server: " + fmt.Sprintf(format, v...))
}
func (s *serverLog) Errorf(format string, v ...any) {
	s.log.Error("log server: " + fmt.Sprintf(format, v...))
}
func (s *serverLog) Noticef(string, ...any) {}
func (s *serverLog) Debugf(string, ...any)  {}
func (s *serverLog) Tracef(string, ...any)  {}
