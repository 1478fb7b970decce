using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Npgsql;

namespace Causality.Web.Accounts;

/// <summary>Keeps the framework's data protection keys in PostgreSQL, so that a cookie or token of one host is good on every other.</summary>
internal sealed class SharedKeys(NpgsqlDataSource database) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var select = database.CreateCommand("select xml from data_protection_keys");
        using var reader = select.ExecuteReader();
        var keys = new List<XElement>();
        while (reader.Read())
            keys.Add(XElement.Parse(reader.GetString(0)));
        return keys;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var insert = database.CreateCommand("insert into data_protection_keys (name, xml) values ($1, $2) on conflict do nothing");
        insert.Parameters.AddWithValue(friendlyName);
        insert.Parameters.AddWithValue(element.ToString(SaveOptions.DisableFormatting));
        insert.ExecuteNonQuery();
    }
}
