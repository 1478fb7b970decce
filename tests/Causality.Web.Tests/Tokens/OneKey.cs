using System.Security.Cryptography;
using Causality.Web.Accounts.Tokens;

namespace Causality.Web.Tests.Tokens;

/// <summary>An installation with one key.</summary>
internal sealed class OneKey : ISigningKeys, IDisposable
{
    public const string Id = "k1";

    public ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>The ids that were looked up.</summary>
    public List<string> Asked { get; } = [];

    public ValueTask<SigningKey> Current(CancellationToken ct) =>
        ValueTask.FromResult(new SigningKey(Id, DateTimeOffset.MinValue, Public, new ThreadLocal<ECDsa>(() => ECDsa.Create(Key.ExportParameters(true)))));

    public ValueTask<JwsKey?> Find(string id, CancellationToken ct)
    {
        Asked.Add(id);
        return ValueTask.FromResult(id == Id ? Public : null);
    }

    public void Dispose() => Key.Dispose();

    private JwsKey Public => JwsKey.OfCurve(Key.ExportParameters(includePrivateParameters: false));
}
