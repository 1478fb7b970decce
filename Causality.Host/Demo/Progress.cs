using System.Globalization;

namespace Causality.Host.Demo;

/// <summary>How far the upload is: a bar that is redrawn in place on a terminal, a line every ten seconds elsewhere.</summary>
internal sealed class Progress(long total, TextWriter output, bool inPlace, TimeProvider time)
{
    private const int Width = 30;
    private readonly Lock _lock = new();
    private readonly long _start = time.GetTimestamp();
    private readonly TimeSpan _every = inPlace ? TimeSpan.FromMilliseconds(200) : TimeSpan.FromSeconds(10);
    private TimeSpan _drawn;
    private long _done;

    public void Report(long done)
    {
        lock (_lock)
        {
            _done = Math.Max(_done, done);
            var elapsed = time.GetElapsedTime(_start);
            if (elapsed - _drawn < _every)
                return;
            _drawn = elapsed;
            Draw(elapsed);
        }
    }

    /// <summary>Draws the last state and leaves the line.</summary>
    public void End()
    {
        lock (_lock)
        {
            Draw(time.GetElapsedTime(_start));
            if (inPlace)
                output.WriteLine();
        }
    }

    private void Draw(TimeSpan elapsed)
    {
        var rate = _done / Math.Max(elapsed.TotalSeconds, 0.001);
        var left = TimeSpan.FromSeconds(rate > 0 ? Math.Min((total - _done) / rate, 359_999) : 0);
        var text = string.Create(CultureInfo.InvariantCulture, $"{100.0 * _done / total,3:N0} %  {_done:N0} of {total:N0} events  {rate:N0}/s  {left:h\\:mm\\:ss} left");
        if (!inPlace)
        {
            output.WriteLine(text);
            return;
        }
        var filled = (int)(Width * _done / total);
        output.Write($"\r[{new string('#', filled)}{new string('.', Width - filled)}] {text}   ");
        output.Flush();
    }
}
