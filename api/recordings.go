package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/reaction"
)

// Recordings keeps recorded posts that were sent in until they are played.
type Recordings interface {
	// KeepRecording reads a recording to the end of body and keeps it. It may take minutes. An
	// error of body ends it. reaction.ErrUnusable where it is no recording or is too large,
	// reaction.ErrBusy where too many arrive, reaction.ErrConflict where too many are kept,
	// reaction.ErrFull where the disk is full.
	KeepRecording(ctx context.Context, name string, how HowToRead, body io.Reader) (Recording, error)

	// Recordings lists what is kept, in an order for people.
	Recordings(ctx context.Context) ([]Recording, error)

	// Recording finds one. reaction.ErrNotFound when there is none, or none any more.
	Recording(ctx context.Context, id string) (Recording, error)

	// DropRecording removes one; a play that reads it goes on. reaction.ErrNotFound as above.
	DropRecording(ctx context.Context, id string) error
}

// HowToRead says how a recording is written, where that is not to be guessed.
type HowToRead struct {
	Format     string            // "" guesses
	Source     string            // of the posts; "" is what the file says
	Zone       string            // of times that name none; "" is UTC
	TimeLayout string            // Go's form; "" guesses
	Columns    map[string]string // role to header, or to a number as "#3"
}

// Recording is what is known of recorded posts that were sent in.
type Recording struct {
	ID        string            `json:"id" doc:"Names it for POST /v1/plays."`
	Name      string            `json:"name" doc:"What its sender calls it. Only to be shown."`
	Bytes     int64             `json:"bytes" doc:"As it was sent."`
	ExpiresAt time.Time         `json:"expires_at" doc:"When it goes if nobody plays it."`
	Format    string            `json:"format" doc:"How it is written." example:"csv"`
	Rows      int64             `json:"rows" doc:"Rows, or posts in pages, that were looked at."`
	Accepted  int64             `json:"accepted" doc:"Of these, how many can be played."`
	From      time.Time         `json:"from" doc:"The first of what can be played."`
	To        time.Time         `json:"to" doc:"The last."`
	Sources   []reaction.Source `json:"sources" doc:"Where the posts were made."`
	Columns   string            `json:"columns,omitempty" doc:"Of a table: which column was taken for what, for people."`
	Notes     []string          `json:"notes" doc:"What had to be decided, for people."`
	Rejected  []Rejected        `json:"rejected" doc:"Rows that were refused, the most frequent reason first."`
	Hashtags  []HashtagUse      `json:"hashtags" doc:"The most used hashtags, at most 20."`
}

// Rejected is how many rows were refused for one reason.
type Rejected struct {
	Reason string `json:"reason" doc:"From a closed list." example:"blank"`
	Rows   int64  `json:"rows"`
}

// HashtagUse is how often a hashtag is used.
type HashtagUse struct {
	Display string `json:"display" doc:"As it was first written, without the sign." example:"DeSaster"`
	Posts   int64  `json:"posts" doc:"Posts that carry it, in any spelling that is counted with it."`
}

const (
	recordingsPath = "/v1/recordings"
	recordingPath  = recordingsPath + "/{id}"

	maxRecordingBytes = 512 << 20
	keepTimeout       = 20 * time.Minute // for a recording to arrive and to be read
	stallTimeout      = time.Minute      // that nothing of one may arrive

	typeBytes = "application/octet-stream"
)

type keepInput struct {
	upload
	Name       string   `query:"name" maxLength:"300" doc:"What to call it. Only ever shown." example:"tweets.csv"`
	Format     string   `query:"format" maxLength:"40" doc:"How it is written: x-v2, x-v1, jetstream, mastodon, csv, tsv, samples-csv, samples-ndjson, records. Default auto."`
	Source     string   `query:"source" maxLength:"32" doc:"Source of the posts, whatever the file says: x, bluesky, mastodon."`
	Zone       string   `query:"zone" maxLength:"64" doc:"Time zone of times that name none. Default UTC." example:"America/New_York"`
	TimeLayout string   `query:"time_layout" maxLength:"64" doc:"Form of the times in a table, as a Go layout, where guessing fails."`
	Columns    []string `query:"columns,explode" maxItems:"20" doc:"Of a table: ROLE=HEADER, or ROLE=#N by number, or ROLE=- for none; repeatable."`
}

type recordingInput struct {
	ID string `path:"id" maxLength:"64" doc:"The recording's id."`
}

type recordingOutput struct {
	Location string `header:"Location" doc:"The address of a recording that was kept."`
	Body     struct {
		Recording Recording `json:"recording"`
	}
}

type recordingsOutput struct {
	Body struct {
		Recordings []Recording `json:"recordings" doc:"Those that expire last first."`
	}
}

func (s *server) recordingOperations() {
	register(s, ingests, huma.Operation{
		OperationID: "keep-recording", Method: http.MethodPost, Path: recordingsPath, Tags: []string{tagPlays},
		Summary: "Send a file of recorded posts or health samples, to be played",
		Description: "The file as it is, plain or packed with gzip or zstd, in any order of time; at most 512 MiB, and 4 GiB unpacked. " +
			"It is read before this answers. Eight are kept at most, each until it was played to its end, was deleted, a day has passed, or the server stops.",
		DefaultStatus: http.StatusCreated,
	}, s.keepRecording)
	register(s, ingests, huma.Operation{
		OperationID: "list-recordings", Method: http.MethodGet, Path: recordingsPath, Tags: []string{tagPlays},
		Summary: "Recordings that are kept to be played",
	}, s.listRecordings)
	register(s, ingests, huma.Operation{
		OperationID: "get-recording", Method: http.MethodGet, Path: recordingPath, Tags: []string{tagPlays},
		Summary: "What is known of a recording",
	}, s.getRecording)
	register(s, ingests, huma.Operation{
		OperationID: "delete-recording", Method: http.MethodDelete, Path: recordingPath, Tags: []string{tagPlays},
		Summary: "Remove a recording", Description: "A play that is reading it reads on to its end.",
	}, s.deleteRecording)
	s.body(http.MethodPost, recordingsPath, "The file.", map[string]*huma.Schema{typeBytes: {Type: huma.TypeString, Format: "binary"}})
}

// arriving is a large body. It may take long, and may not stall.
type arriving struct {
	control *http.ResponseController
	body    io.Reader
	until   time.Time       // when it has to have arrived, however steadily it comes; zero for never
	stop    <-chan struct{} // nobody wants more once this is closed: its closer ends a Read under way; nil for never
	err     error           // why it broke off
}

// Not every writer can set deadlines (httptest's recorder cannot); the server's own always can.
func (a *arriving) Read(p []byte) (int, error) {
	now := time.Now()
	deadline := now.Add(stallTimeout)
	if !a.until.IsZero() && a.until.Before(deadline) {
		deadline = a.until
	}
	_ = a.control.SetReadDeadline(deadline)
	select {
	case <-a.stop:
		return 0, os.ErrDeadlineExceeded
	default:
	}
	n, err := a.body.Read(p)
	var late net.Error
	switch {
	case errors.As(err, &late) && late.Timeout() && deadline.Equal(a.until):
		err = errLong
		a.err = err
	case errors.Is(err, io.EOF):
		_ = a.control.SetReadDeadline(time.Time{}) // the client has nothing more to say for a while
	case err != nil:
		a.err = err
	}
	return n, err
}

func (s *server) keepRecording(ctx context.Context, in *keepInput) (*recordingOutput, error) {
	how, err := in.how()
	if err != nil {
		return nil, err
	}
	control := http.NewResponseController(in.w)
	_ = control.SetWriteDeadline(time.Now().Add(keepTimeout + writeTimeout))
	body := &arriving{control: control, body: in.bounded(maxRecordingBytes)}
	r, err := s.Recordings.KeepRecording(ctx, in.Name, how, body)
	switch {
	case body.err != nil:
		return nil, unread(body.err, maxRecordingBytes)
	case err != nil:
		return nil, err
	}
	s.audit(ctx, "recording.keep", r.ID+" "+r.Name)
	out := &recordingOutput{Location: recordingsPath + "/" + r.ID}
	out.Body.Recording = r
	return out, nil
}

// how reads what the request says of the file.
func (in *keepInput) how() (how HowToRead, err error) {
	kind, err := in.kind()
	switch {
	case err != nil:
		return how, err
	case strings.HasPrefix(kind, "multipart/"):
		return how, problem(http.StatusUnsupportedMediaType, "Send the file itself as the body, not a form that holds it.")
	}
	if e := in.r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return how, problem(http.StatusUnsupportedMediaType, "Send the file as it is, without Content-Encoding: files packed with gzip or zstd are told by their beginning.")
	}
	if in.r.ContentLength > maxRecordingBytes {
		return how, tooLarge(maxRecordingBytes)
	}
	how = HowToRead{Format: in.Format, Source: in.Source, Zone: in.Zone, TimeLayout: in.TimeLayout}
	for i, c := range in.Columns {
		role, header, ok := strings.Cut(c, "=")
		if !ok || role == "" || header == "" {
			return how, mistake(fmt.Sprintf("query.columns[%d]", i), "%q is not ROLE=HEADER", clip(c))
		}
		if how.Columns == nil {
			how.Columns = map[string]string{}
		}
		how.Columns[role] = header
	}
	return how, nil
}

func (s *server) listRecordings(ctx context.Context, _ *struct{}) (*recordingsOutput, error) {
	list, err := s.Recordings.Recordings(ctx)
	if err != nil {
		return nil, err
	}
	out := &recordingsOutput{}
	out.Body.Recordings = orEmpty(list)
	return out, nil
}

func (s *server) getRecording(ctx context.Context, in *recordingInput) (*recordingOutput, error) {
	r, err := s.Recordings.Recording(ctx, in.ID)
	if err != nil {
		return nil, noRecording(err, in.ID)
	}
	out := &recordingOutput{}
	out.Body.Recording = r
	return out, nil
}

func (s *server) deleteRecording(ctx context.Context, in *recordingInput) (*struct{}, error) {
	if err := s.Recordings.DropRecording(ctx, in.ID); err != nil {
		return nil, noRecording(err, in.ID)
	}
	s.audit(ctx, "recording.delete", in.ID)
	return nil, nil
}

func noRecording(err error, id string) error {
	return missing(err, "No recording %q is kept here: it was played, was deleted or has expired.", clip(id))
}
