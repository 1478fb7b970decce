using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace Causality.Host.Tests;

[TestFixture, NonParallelizable]
internal sealed class LogsTests
{
    [Test]
    public void A_json_log_names_the_trace_that_a_line_was_written_in()
    {
        var (before, written) = (Console.Out, new StringWriter());
        Console.SetOut(written);
        try
        {
            using var request = new Activity("request").Start();
            using (var logs = LoggerFactory.Create(logging => logging.AddLogs(json: true)))
                LoggerMessage.Define<string>(LogLevel.Warning, new EventId(1), "Nothing {Works}")(logs.CreateLogger("test"), "at all", null);

            var line = JsonDocument.Parse(written.ToString()).RootElement;
            Assert.That(line.GetProperty("Message").GetString(), Is.EqualTo("Nothing at all"));
            Assert.That(line.GetProperty("State").GetProperty("Works").GetString(), Is.EqualTo("at all"));
            Assert.That(line.GetProperty("Scopes").EnumerateArray().Select(scope => scope.GetProperty("TraceId").GetString()), Does.Contain(request.TraceId.ToString()));
        }
        finally
        {
            Console.SetOut(before);
        }
    }
}
