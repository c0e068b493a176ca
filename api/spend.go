package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"outcry/internal/reaction"
)

type spendOutput struct{ Body spendAnswer }

// spendAnswer is a reaction.Spending in dollars.
type spendAnswer struct {
	Source   reaction.Source    `json:"source" example:"x"`
	Event    SpendAccount       `json:"event" doc:"What the source has cost the event in all its life, and may."`
	Month    spendMonth         `json:"month" doc:"What it has cost all events in this calendar month, and may."`
	Idle     string             `json:"idle,omitempty" doc:"Why nothing is spent now."`
	Capped   *spendCapped       `json:"capped" doc:"Since when posts are left out, and why; null where none are."`
	Forecast *reaction.Forecast `json:"forecast" doc:"What reading every post would take, from now on; null where nobody can say."`
	None     string             `json:"no_forecast,omitempty" doc:"Why there is no forecast."`
}

// SpendAccount is money of one kind. (Exported only because huma does not look into embedded types
// that are not.)
type SpendAccount struct {
	Spent    float64 `json:"spent_usd" doc:"US dollars that were spent, with what nobody gave back."`
	Reserved float64 `json:"reserved_usd" doc:"What is set aside at this moment: it counts as spent until it is settled."`
	Cap      float64 `json:"cap_usd" doc:"The hard limit; 0 where none is set, and nothing is spent."`
	Left     float64 `json:"left_usd" doc:"What the limit leaves."`
}

type spendMonth struct {
	Month string `json:"month" doc:"UTC." example:"2026-03"`
	SpendAccount
}

type spendCapped struct {
	Since  time.Time `json:"since"`
	Reason string    `json:"reason" doc:"As it was when it began."`
}

func (s *server) spendOperations() {
	if s.Spending == nil {
		return
	}
	register(s, reads, huma.Operation{
		OperationID: "get-spend", Method: http.MethodGet, Path: eventPath + "/spend", Tags: []string{tagFigures},
		Summary: "What X costs an event",
		Description: "Only reading X costs money. What is spent never exceeds the event's limit (`spend.x.usd` of its definition) nor that of the month. " +
			"The forecast is made from what X counted in the week before; asking for it costs nothing.",
	}, s.getSpend)
	for _, name := range []string{"SpendCapped", "Forecast"} {
		s.huma.OpenAPI().Components.Schemas.Map()[name].Nullable = true
	}
}

func (s *server) getSpend(ctx context.Context, in *slugInput) (*spendOutput, error) {
	e, err := s.event(ctx, in.Slug)
	if err != nil {
		return nil, err
	}
	x, err := s.Spending.Spending(ctx, e)
	if err != nil {
		return nil, missing(err, "There is no event %q.", clip(in.Slug))
	}
	a := x.Account
	out := spendAnswer{
		Source: x.Source, Idle: x.Idle, Forecast: x.Forecast, None: x.None,
		Event: account(a.Used, a.Reserved, x.Cap),
		Month: spendMonth{x.Month.Format("2006-01"), account(a.MonthUsed, a.MonthReserved, x.MonthCap)},
	}
	if x.Capped != nil {
		out.Capped = &spendCapped{x.Capped.Since.UTC(), x.Capped.Reason}
	}
	return &spendOutput{out}, nil
}

func account(used, reserved, limit reaction.Micros) SpendAccount {
	return SpendAccount{Spent: (used - reserved).USD(), Reserved: reserved.USD(), Cap: limit.USD(), Left: max(limit-used, 0).USD()}
}
