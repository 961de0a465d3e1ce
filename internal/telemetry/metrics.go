package telemetry

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Measure is one figure of an installation at the moment it is asked for. Its labels
// never hold anything about a letter or a citizen.
type Measure struct {
	Name   string // as Prometheus wants it: brevdue_jobs
	Help   string // one English sentence
	Label  string // the name of its one label; "" for none
	Values map[string]float64
}

// Metrics serves figures in the text format of Prometheus. Read is asked every time, so
// that a figure is what the archive says and not what was counted beside it; when it
// fails the answer is an error and not a wrong figure.
func Metrics(read func(ctx context.Context) ([]Measure, error), log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
		defer cancel()
		all, err := read(ctx)
		if err != nil {
			log.Error("metrics cannot be read", "error", err)
			http.Error(w, "the archive does not answer", http.StatusServiceUnavailable)
			return
		}
		registry := prometheus.NewRegistry()
		registry.MustRegister(measures(all))
		promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(w, r)
	})
}

// measures is a collector of figures that are known already.
type measures []Measure

// Describe implements prometheus.Collector; nothing said in advance means that what is
// collected is not checked against it.
func (measures) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (m measures) Collect(out chan<- prometheus.Metric) {
	for _, one := range m {
		var labels []string
		if one.Label != "" {
			labels = []string{one.Label}
		}
		d := prometheus.NewDesc(one.Name, one.Help, labels, nil)
		for value, n := range one.Values {
			if one.Label == "" {
				out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, n)
				continue
			}
			out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, n, value)
		}
	}
}
