using ModelGuidelines.Audit;

namespace ModelGuidelines.Tests.Audit;

public sealed class AuditPaceTests
{
    [Fact]
    public void Says_how_fast_it_goes_and_how_long_it_will()
    {
        var clock = new Clock();
        var pace = new AuditPace(10_000, clock);
        Assert.Null(pace.Left);
        clock.Seconds = 20;
        pace.Done = 1_000;
        Assert.Equal("1000 of 10000 files, 50.0 files/s, about 00:03:00 left", pace.ToString());
        Assert.Equal("1000 files, 50.0 files/s", new AuditPace(null, new Clock { Ahead = 20 }) { Done = 1_000 }.ToString());
    }

    [Fact]
    public void A_log_has_a_line_every_half_minute_and_none_of_what_takes_less()
    {
        var (clock, said) = (new Clock(), new List<string>());
        var advance = Cli.AuditProgress.Lines(100, clock, said.Add);
        for (var i = 1; i <= 100; i++)
        {
            clock.Seconds = i;
            advance();
        }

        Assert.Equal(["note: 30 of 100 files, 1.0 files/s, about 00:01:10 left", "note: 60 of 100 files, 1.0 files/s, about 00:00:40 left", "note: 90 of 100 files, 1.0 files/s, about 00:00:10 left"], said);
    }

    private sealed class Clock : TimeProvider
    {
        private bool _asked;

        public double Seconds { get; set; }

        /// <summary>How much later it is from the second question on.</summary>
        public double Ahead { get; init; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp()
        {
            var now = (long)((Seconds + (_asked ? Ahead : 0)) * 1000);
            _asked = true;
            return now;
        }
    }
}
