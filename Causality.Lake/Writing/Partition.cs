using System.Globalization;

namespace Causality.Lake.Writing;

/// <summary>The folder of an app's hour (since 1970, UTC), as Hive names partitions.</summary>
public static class Partition
{
    public static string Folder(string appId, int hour) =>
        DateTime.UnixEpoch.AddHours(hour).ToString($"'app_id={appId}/year='yyyy'/month='MM'/day='dd'/hour='HH", CultureInfo.InvariantCulture);
}
