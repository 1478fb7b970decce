using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Causality.Host;

/// <summary>
/// Writes what the OpenTelemetry SDK has aggregated as Prometheus text, version 0.0.4, names as
/// https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/ has them.
/// </summary>
internal sealed class PrometheusText : BaseExporter<Metric>
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly Lock _gate = new();
    private string _text = "";

    public PrometheusText() => Reader = new BaseExportingMetricReader(this);

    public MetricReader Reader { get; }

    public string Scrape()
    {
        lock (_gate)
        {
            Reader.Collect(5_000);
            return _text;
        }
    }

    public override ExportResult Export(in Batch<Metric> batch)
    {
        var text = new StringBuilder();
        foreach (var metric in batch)
            Write(text, metric);
        _text = text.ToString();
        return ExportResult.Success;
    }

    private static void Write(StringBuilder text, Metric metric)
    {
        var (histogram, counter) = (metric.MetricType is MetricType.Histogram, metric.MetricType is MetricType.LongSum or MetricType.DoubleSum);
        var name = Name(metric.Name) + metric.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" } + (counter ? "_total" : "");
        if (metric.Description is { Length: > 0 } help)
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help.ReplaceLineEndings(" ")}\n");
        text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {(histogram ? "histogram" : counter ? "counter" : "gauge")}\n");
        foreach (ref readonly var point in metric.GetMetricPoints())
            if (histogram)
                Histogram(text, name, point);
            else
                Line(text, name, Labels(point), metric.MetricType switch
                {
                    MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
                    MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => point.GetSumDouble(),
                    MetricType.LongGauge => point.GetGaugeLastValueLong(),
                    _ => point.GetGaugeLastValueDouble(),
                });
    }

    private static void Histogram(StringBuilder text, string name, in MetricPoint point)
    {
        var labels = Labels(point);
        var below = 0L;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            below += bucket.BucketCount;
            var bound = double.IsPositiveInfinity(bucket.ExplicitBound) ? "+Inf" : bucket.ExplicitBound.ToString("R", CultureInfo.InvariantCulture);
            Line(text, name + "_bucket", labels + (labels.Length > 0 ? "," : "") + $"le=\"{bound}\"", below);
        }
        Line(text, name + "_sum", labels, point.GetHistogramSum());
        Line(text, name + "_count", labels, point.GetHistogramCount());
    }

    private static void Line(StringBuilder text, string name, string labels, double value) =>
        text.Append(name).Append(labels.Length > 0 ? "{" + labels + "}" : "").Append(CultureInfo.InvariantCulture, $" {value:R}\n");

    private static string Labels(in MetricPoint point)
    {
        var labels = new StringBuilder();
        foreach (var tag in point.Tags)
        {
            var value = Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "";
            labels.Append(labels.Length > 0 ? "," : "").Append(Name(tag.Key)).Append("=\"")
                .Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('"');
        }
        return labels.ToString();
    }

    private static string Name(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
}
